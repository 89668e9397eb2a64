// Head, top line, body, foot.
#include "headrace/report/page.h"

#include <fmt/format.h>

#include "headrace/report/html_style.h"
#include "headrace/report/text.h"

namespace headrace::report {

namespace {

constexpr char k_head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n";

}  // namespace

std::string html_page(const Page& page) {
  std::string html = k_head;
  html += fmt::format("<title>{}</title>\n<style>{}</style></head>\n<body><main>\n",
                      html_escaped(page.title), k_html_style);
  html += fmt::format("<div class=\"top\"><span><b>headrace</b> {}</span><span>{}</span></div>\n",
                      html_escaped(page.subject), html_escaped(page.when));
  html += page.body;
  html += fmt::format("<footer>headrace {}. Every figure was measured in this run.</footer>\n",
                      html_escaped(page.version));
  return html + "</main></body></html>\n";
}

std::string fact_rows(const std::vector<Fact>& facts) {
  std::string html = "<table class=\"facts\">";
  for (const Fact& fact : facts) {
    html += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html_escaped(fact.name),
                        html_escaped(fact.value));
  }
  return html + "</table>\n";
}

}  // namespace headrace::report
