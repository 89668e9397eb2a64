// Hostile text comes out harmless; figures and bars come out as they should look.
#include "headrace/report/text.h"

#include <gtest/gtest.h>

namespace headrace::report {
namespace {

TEST(Text, takes_escape_sequences_and_bytes_that_are_not_utf_8_out) {
  EXPECT_EQ(plain("a\x1b[31mb"), "a\xef\xbf\xbd[31mb");
  EXPECT_EQ(plain("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(plain("\xc2\x9b"
                  "31m"),
            "\xef\xbf\xbd"
            "31m");  // a C1 control
  EXPECT_EQ(plain("a\xe2\x80\xae"
                  "b"),
            "a\xef\xbf\xbd"
            "b");                                            // right-to-left override
  EXPECT_EQ(plain("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
  EXPECT_EQ(plain("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
  EXPECT_EQ(plain("größe ✓"), "größe ✓");
  EXPECT_EQ(plain("a\nb", true), "a\nb");
  EXPECT_EQ(plain("a\nb"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(Text, escapes_everything_that_html_reads_as_markup) {
  EXPECT_EQ(html_escaped("<img src=x onerror='a(\"b\")'>&"),
            "&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;");
}

TEST(Text, draws_bars_in_eighths_of_a_column) {
  EXPECT_EQ(bar(0, 4), "░░░░");
  EXPECT_EQ(bar(1, 4), "████");
  EXPECT_EQ(bar(0.5, 4), "██░░");
  EXPECT_EQ(bar(0.53125, 4), "██▏░");
  EXPECT_EQ(bar(7, 2), "██");
  EXPECT_EQ(bar(-1, 2), "░░");
}

TEST(Text, counts_and_cuts_columns_without_breaking_a_letter_or_leaving_a_color_on) {
  EXPECT_EQ(columns_of("\x1b[32m✓ ok\x1b[0m"), 4u);
  EXPECT_EQ(first_columns("äöü", 2), "äö");
  EXPECT_EQ(first_columns("\x1b[32mabc\x1b[0m", 2), "\x1b[32mab\x1b[0m");
  EXPECT_EQ(first_columns("ab", 9), "ab");
}

TEST(Text, wraps_at_words) {
  EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three");
  EXPECT_EQ(wrapped("incomprehensible", 4, 0), "incomprehensible");
  EXPECT_EQ(wrapped("", 4, 0), "");
}

TEST(Text, writes_figures_for_people) {
  EXPECT_EQ(number_text(2560.2), "2,560");
  EXPECT_EQ(number_text(3.27), "3.3");
  EXPECT_EQ(number_text(-1), "0");
  EXPECT_EQ(seconds_text(0), "0 s");
  EXPECT_EQ(seconds_text(1.2), "1.20 s");
}

}  // namespace
}  // namespace headrace::report
