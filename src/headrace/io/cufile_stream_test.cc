// cuFile in stream order: streams that are not to be had, calls that are refused.
#include "headrace/io/cufile_stream.h"

#include "headrace/io/cufile_case.h"

namespace headrace::io {
namespace {

class CuFileStreamTest : public CuFileCase {
 public:
  void TearDown() override {
    CuFileCase::TearDown();
    driver_faults_.reset();
    EXPECT_EQ(driver_faults_.handles, 0);
  }
  int64_t result_of_one() { return CuFileCase::result_of_one("cufile-stream"); }

 protected:
  shim::StandInFaults& driver_faults_ = shim::faults_of_stand_in("cuda");
};

TEST_F(CuFileStreamTest, is_refused_without_streams) {
  driver_faults_.driver_error = 2;
  EXPECT_THROW(make_tested_ring({.engine = "cufile-stream", .depth = 4}), Error);
}

TEST_F(CuFileStreamTest, fails_a_call_that_is_refused_or_that_moves_nothing) {
  for (const int code : {-1, -5022}) {
    faults_.transfers = 0;
    faults_.fail_nth = 1;
    faults_.fail_code = code;
    EXPECT_EQ(result_of_one(), -EIO);
  }
}

TEST_F(CuFileStreamTest, waits_for_the_stream_itself_when_it_cannot_report) {
  driver_faults_.submit_errors = 1;
  EXPECT_EQ(result_of_one(), 1000);
}

}  // namespace
}  // namespace headrace::io
