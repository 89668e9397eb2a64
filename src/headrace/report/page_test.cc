// The frame escapes what it is given and loads nothing.
#include "headrace/report/page.h"

#include <gmock/gmock.h>

namespace headrace::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Page, escapes_every_text_but_the_body) {
  const std::string attack = "</title><script>alert(1)</script>";
  const std::string html = html_page({.title = attack,
                                      .subject = attack,
                                      .when = attack,
                                      .body = "<h1>kept</h1>",
                                      .version = attack});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("<h1>kept</h1>"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(Page, escapes_both_columns_of_the_facts) {
  const std::string html = fact_rows({{"<b>", "a & b"}});
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">&lt;b&gt;</th><td>a &amp; b</td>"));
}

}  // namespace
}  // namespace headrace::report
