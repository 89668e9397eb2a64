// What the command's exit status says; part of the public interface.
#pragma once

namespace headrace::cli {

inline constexpr int k_exit_done = 0;
inline constexpr int k_exit_found = 1;   // verify: there is damage
inline constexpr int k_exit_usage = 2;   // the command line, job or data set is not usable
inline constexpr int k_exit_failed = 3;  // the run could not go on
// doctor speaks as Nagios plugins do, so that it serves as a health check as it is: 0 fine,
// k_exit_found a warning, 2 a failure, and 3 for everything that kept it from examining, an
// unusable command line included.
inline constexpr int k_exit_critical = 2;
inline constexpr int k_exit_not_examined = 3;
inline constexpr int k_exit_interrupted = 130;  // Ctrl-C; what was whole stays

}  // namespace headrace::cli
