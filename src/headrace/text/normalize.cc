// Text is cut where nothing can reach across: before a code point that begins anew (combining class
// 0) and never composes with what is before it. Only stretches that may change are taken apart.
#include "headrace/text/normalize.h"

#include <algorithm>

namespace headrace::text {
namespace {

using Point = NormalizeScratch::Point;

// Korean syllables are arithmetic: 19 leading, 21 vowel and 27 trailing letters.
constexpr uint32_t k_syllable = 0xAC00, k_leading = 0x1100, k_vowel = 0x1161, k_trailing = 0x11A7;
constexpr uint32_t k_leading_count = 19, k_vowel_count = 21, k_trailing_count = 28;
constexpr uint32_t k_syllable_count = k_leading_count * k_vowel_count * k_trailing_count;

void take_apart(uint32_t code_point, std::vector<Point>& points) {
  if (code_point - k_syllable < k_syllable_count) {
    const uint32_t index = code_point - k_syllable;
    points.push_back({k_leading + index / (k_vowel_count * k_trailing_count)});
    points.push_back({k_vowel + index / k_trailing_count % k_vowel_count});
    const uint32_t trailing = index % k_trailing_count;
    if (trailing > 0) points.push_back({k_trailing + trailing});
    return;
  }
  const Pair parts = decomposition_of(code_point);
  if (parts.first == 0) {
    points.push_back({code_point, combining_class_of(code_point)});
    return;
  }
  take_apart(parts.first, points);  // at most three deep: the tables are constant
  if (parts.second != 0) take_apart(parts.second, points);
}

uint32_t compose(uint32_t first, uint32_t second) {
  const uint32_t leading = first - k_leading, vowel = second - k_vowel;
  if (leading < k_leading_count && vowel < k_vowel_count) {
    return k_syllable + (leading * k_vowel_count + vowel) * k_trailing_count;
  }
  const uint32_t index = first - k_syllable, trailing = second - k_trailing;
  if (index < k_syllable_count && index % k_trailing_count == 0 && trailing > 0 &&
      trailing < k_trailing_count) {
    return first + trailing;
  }
  return composition_of({first, second});
}

void sort_marks(std::vector<Point>& points) {
  const auto is_starter = [](const Point& point) { return point.combining_class == 0; };
  for (auto from = points.begin(); from != points.end();) {
    from = std::find_if_not(from, points.end(), is_starter);
    const auto to = std::find_if(from, points.end(), is_starter);
    // Insertion keeps the order of equals and allocates nothing; runs of marks are short, or made
    // to hurt, and those are sorted by the library.
    if (to - from <= 32) {
      for (auto one = from; one != to; ++one) {
        const auto place = std::upper_bound(from, one, *one, [](const Point& a, const Point& b) {
          return a.combining_class < b.combining_class;
        });
        std::rotate(place, one, one + 1);
      }
    } else {
      std::stable_sort(from, to, [](const Point& a, const Point& b) {
        return a.combining_class < b.combining_class;
      });
    }
    from = to;
  }
}

// Puts marks, and vowels of Korean, into the last starter unless something of their class or a
// starter stands between. Works in place.
void put_together(std::vector<Point>& points) {
  size_t kept = 0, starter = 0;
  bool has_starter = false;
  for (const Point& point : points) {
    const bool is_blocked = has_starter && kept - 1 > starter &&
                            (points[kept - 1].combining_class >= point.combining_class);
    const uint32_t composed =
        has_starter && !is_blocked ? compose(points[starter].code_point, point.code_point) : 0;
    if (composed != 0) {
      points[starter].code_point = composed;
      continue;
    }
    if (point.combining_class == 0) {
      starter = kept;
      has_starter = true;
    }
    points[kept++] = point;
  }
  points.resize(kept);
}

bool may_change(uint8_t entry) { return (entry & (k_not_composed_bit | k_combining_bit)) != 0; }

// The end of the stretch that begins with a starter at `at` and may change: before the next
// character that begins anew.
const char* stretch_end(const char* at, const char* end) {
  at += code_point_at(at).size_bytes;
  while (at < end && (*at & 0x80) != 0) {
    const CodePoint point = code_point_at(at);
    if (!may_change(entry_of(point.value))) break;
    at += point.size_bytes;
  }
  return at;
}

void append_normalized(const char* at, const char* end, NormalizeScratch& scratch) {
  scratch.points.clear();
  while (at < end) {
    const CodePoint point = code_point_at(at);
    take_apart(point.value, scratch.points);
    at += point.size_bytes;
  }
  sort_marks(scratch.points);
  put_together(scratch.points);
  for (const Point& point : scratch.points) append_utf8(point.code_point, scratch.text);
}

// Where the first stretch begins that may change, or the end. Marks in order behind a starter, as
// most scripts have them, change nothing.
const char* first_change(const char* at, const char* end) {
  const char* starter = at;
  uint8_t last_class = 0;
  while (at < end) {
    const CodePoint point = code_point_at(at);
    const uint8_t entry = point.value < 0x300 ? 0 : entry_of(point.value);
    if ((entry & k_not_composed_bit) != 0) return starter;
    const uint8_t combining = (entry & k_combining_bit) != 0 ? combining_class_of(point.value) : 0;
    if (combining != 0 && combining < last_class) return starter;
    if (combining == 0) starter = at;
    last_class = combining;
    at += point.size_bytes;
  }
  return end;
}

}  // namespace

std::string_view normalize_nfc(std::string_view text, NormalizeScratch& scratch) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const char* change = first_change(at, end);
  if (change == end) return text;
  scratch.text.clear();
  while (change < end) {
    scratch.text.append(at, change);
    at = stretch_end(change, end);
    append_normalized(change, at, scratch);
    change = first_change(at, end);
  }
  scratch.text.append(at, end);
  return scratch.text;
}

}  // namespace headrace::text
