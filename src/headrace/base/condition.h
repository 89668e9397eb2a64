// std::condition_variable as libstdc++ 11 has it too. Its wait() got a new version in gcc 12
// (GLIBCXX_3.4.30), the one symbol of ours that systems with gcc 11's library lack (RHEL 9); the
// older version of it is still there, and does the same. Thread safety: the standard's.
#pragma once

#include <condition_variable>

#if defined(__GLIBCXX__) && defined(__x86_64__)
__asm__(
    ".symver _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE,"
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
#endif
