// The live screen of a running feed: turns ticks into what the screen shows, and remembers the last
// events. Thread safety: the feeding thread only.
#pragma once

#include <string>
#include <vector>

#include "headrace/feed/feed.h"
#include "headrace/report/live.h"

namespace headrace::cli {

class LiveFeed {
 public:
  explicit LiveFeed(bool quiet);  // `quiet` shows nothing
  void note(const std::string& event);
  void show(const feed::Tick& tick);
  void finish();

 private:
  report::LiveSample sample_of(const feed::Tick& tick);
  void note_change(const observe::Verdict& verdict, double at_s);
  void remember(const std::string& event);

  const bool quiet_;
  const bool terminal_;
  report::LiveScreen screen_;
  std::vector<std::string> events_;  // the latest that are shown
  std::string last_headline_;
};

}  // namespace headrace::cli
