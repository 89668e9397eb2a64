// Ragged fields through the loader: what a batch holds of samples that differ in length, that lack
// the field, and that are bad.
#include <gmock/gmock.h>

#include <fstream>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/loader/loader.h"
#include "headrace/pipeline/job.h"

namespace headrace::loader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

class Ragged : public testing::Test {
 protected:
  Ragged() { setenv("HEADRACE_CACHE", (folder_ / "cache").c_str(), 1); }
  ~Ragged() override { unsetenv("HEADRACE_CACHE"); }

  void write(const char* lines) { std::ofstream(folder_ / "a.jsonl") << lines; }
  // The batches of one epoch in stored order, two rows each.
  std::vector<std::vector<Tensor>> batches(const std::string& keys) {
    const std::string text = fmt::format(
        "[dataset]\npath='{}'\n[order]\nshuffle='none'\n[batch]\nsize=2\n{}\n[[field]]\n"
        "name='ids'\nkind='array'\ntype='int32'\nragged='{}'\nmax_length=4\n{}",
        folder_ / "a.jsonl", loader_, ragged_, keys);
    const pipeline::Job job = pipeline::parse_job(text, "job");
    dataset_ = formats::Dataset::open(folder_ / "a.jsonl", {.cache_folder = folder_ / "cache"});
    plan_ = pipeline::compile(job, *dataset_);
    Options options{
        .batch_size = 2, .workers = 2, .lease_count = 4, .shuffle = order::Shuffle::none};
    options.on_error = job.loader.on_error;
    loader_object_ = std::make_unique<Loader>(plan_, *dataset_, options);
    std::vector<std::vector<Tensor>> all;
    while (auto batch = loader_object_->next()) {
      all.emplace_back();
      for (size_t i = 0; i < batch->tensor_count(); ++i) all.back().push_back(batch->tensor(i));
      kept_.push_back(std::move(*batch));
    }
    return all;
  }

  TempFolder folder_;
  std::string ragged_ = "pad", loader_;
  std::unique_ptr<formats::Dataset> dataset_;
  pipeline::Plan plan_;
  std::unique_ptr<Loader> loader_object_;
  std::vector<Batch> kept_;
};

constexpr const char* k_lines = "{\"ids\":[1,2,3]}\n{\"ids\":[]}\n{\"ids\":[4]}\n{\"no\":1}\n";

TEST_F(Ragged, rows_are_filled_up_and_their_lengths_stand_beside_them) {
  write(k_lines);
  const auto all = batches("missing='fill'\nfill=-1");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0][0].shape, ElementsAre(2, 4));
  EXPECT_THAT(values_of<int32_t>(all[0][0]), ElementsAre(1, 2, 3, -1, -1, -1, -1, -1));
  EXPECT_EQ(all[0][1].name, "ids_lengths");
  EXPECT_THAT(values_of<int64_t>(all[0][1]), ElementsAre(3, 0));
  EXPECT_THAT(values_of<int32_t>(all[1][0]), ElementsAre(4, -1, -1, -1, -1, -1, -1, -1));
  EXPECT_THAT(values_of<int64_t>(all[1][1]), ElementsAre(1, 0));
}

TEST_F(Ragged, offsets_say_where_each_row_begins_in_all_elements) {
  write(k_lines);
  ragged_ = "offsets";
  const auto all = batches("missing='fill'");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0][0].shape, ElementsAre(3));
  EXPECT_THAT(values_of<int32_t>(all[0][0]), ElementsAre(1, 2, 3));
  EXPECT_THAT(all[0][1].shape, ElementsAre(3));
  EXPECT_THAT(values_of<int64_t>(all[0][1]), ElementsAre(0, 3, 3));
  EXPECT_THAT(values_of<int32_t>(all[1][0]), ElementsAre(4));
  EXPECT_THAT(values_of<int64_t>(all[1][1]), ElementsAre(0, 1, 1));
}

TEST_F(Ragged, a_sample_that_lacks_the_field_is_left_out_and_counted_where_the_job_says_so) {
  write("{\"no\":1}\n{\"ids\":[5,6]}\n{\"ids\":[7]}\n");
  ragged_ = "offsets";
  const auto all = batches("missing='skip'");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(values_of<int32_t>(all[0][0]), ElementsAre(5, 6));
  EXPECT_THAT(values_of<int64_t>(all[0][1]), ElementsAre(0, 2));
  EXPECT_EQ(loader_object_->skipped().size(), 1u);
}

TEST_F(Ragged, a_sample_that_lacks_the_field_is_an_error_otherwise) {
  write(k_lines);
  EXPECT_THROW(batches(""), Error);
}

TEST_F(Ragged, an_error_names_the_file_that_was_unpacked_its_record_and_the_field) {
  write("{\"ids\":[1]}\n{\"ids\":[1.5]}\n");
  try {
    batches("missing='skip'");
    FAIL() << "a bad element is no missing one";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("field ids: an element is not of the declared type"));
    EXPECT_THAT(error.what(), HasSubstr("a.jsonl, record 1)"));
  }
}

TEST_F(Ragged, bad_rows_close_up_before_offsets_are_made) {
  write("{\"ids\":[1]}\n{\"ids\":[2,\"x\"]}\n{\"ids\":[\"y\"]}\n{\"ids\":[3,4]}\n");
  ragged_ = "offsets";
  loader_ = "[loader]\non_error='skip'";
  const auto all = batches("");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(values_of<int32_t>(all[0][0]), ElementsAre(1));
  EXPECT_THAT(values_of<int32_t>(all[1][0]), ElementsAre(3, 4));
  EXPECT_THAT(values_of<int64_t>(all[1][1]), ElementsAre(0, 2));
}

}  // namespace
}  // namespace headrace::loader
