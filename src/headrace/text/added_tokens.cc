// A trie of the contents, its edges sorted; a table of first bytes skips most of the text.
#include "headrace/text/added_tokens.h"

#include <algorithm>

#include "headrace/text/unicode.h"

namespace headrace::text {
namespace {

// \w
constexpr ClassSet k_word(Class::number, Class::lower, Class::upper, Class::letter, Class::mark);

bool is_word(const char* at) { return *at == '_' || k_word.has(character_at(at).kind); }

size_t before(std::string_view text, size_t at) {
  do {
    --at;
  } while ((text[at] & 0xC0) == 0x80);
  return at;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::erase_if(tokens_, [](const AddedToken& token) { return token.content.empty(); });
  std::ranges::sort(tokens_, {}, &AddedToken::content);
  for (const AddedToken& token : tokens_) begins_[static_cast<uint8_t>(token.content[0])] = true;
  if (!tokens_.empty()) build(0, tokens_.size(), 0);
}

std::optional<uint32_t> AddedTokens::id_of(std::string_view content) const {
  const auto found = std::ranges::lower_bound(tokens_, content, {}, &AddedToken::content);
  if (found == tokens_.end() || found->content != content) return std::nullopt;
  return found->id;
}

uint32_t AddedTokens::id_end() const {
  uint32_t end = 0;
  for (const AddedToken& token : tokens_) end = std::max(end, token.id + 1);
  return end;
}

// The node of tokens `from` to `to`, which share their first `depth` bytes. As deep as the longest
// token, whose length the file's reader limits.
uint32_t AddedTokens::build(size_t from, size_t to, size_t depth) {
  const auto index = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  for (; from < to && tokens_[from].content.size() == depth; ++from) {
    nodes_[index].token = &tokens_[from];
  }
  std::vector<Edge> edges;
  while (from < to) {
    const char byte = tokens_[from].content[depth];
    size_t last = from;
    while (last < to && tokens_[last].content[depth] == byte) ++last;
    edges.push_back({static_cast<uint8_t>(byte), build(from, last, depth + 1)});
    from = last;
  }
  nodes_[index].first_edge = static_cast<uint32_t>(edges_.size());
  nodes_[index].edge_count = static_cast<uint32_t>(edges.size());
  edges_.insert(edges_.end(), edges.begin(), edges.end());
  return index;
}

AddedTokens::Match AddedTokens::next_match(std::string_view text, size_t from) const {
  for (size_t at = from; at < text.size(); ++at) {
    if (!begins_[static_cast<uint8_t>(text[at])]) continue;
    if (const AddedToken* token = longest_at(text, at)) {
      return {token, at, at + token->content.size()};
    }
  }
  return {};
}

const AddedToken* AddedTokens::longest_at(std::string_view text, size_t at) const {
  const AddedToken* longest = nullptr;
  const Node* node = &nodes_[0];
  for (; at < text.size(); ++at) {
    const auto edges = std::span(edges_).subspan(node->first_edge, node->edge_count);
    const auto byte = static_cast<uint8_t>(text[at]);
    const auto edge = std::ranges::lower_bound(edges, byte, {}, &Edge::byte);
    if (edge == edges.end() || edge->byte != byte) break;
    node = &nodes_[edge->node];
    if (node->token != nullptr) longest = node->token;
  }
  return longest;
}

bool AddedTokens::settle(std::string_view text, size_t least, Match& match) {
  if (match.token->single_word) {
    const bool touches_before = match.begin > 0 && is_word(&text[before(text, match.begin)]);
    if (touches_before || (match.end < text.size() && is_word(&text[match.end]))) return false;
  }
  while (match.token->lstrip && match.begin > least) {
    const size_t one = before(text, match.begin);
    if (!k_spaces.has(character_at(&text[one]).kind)) break;
    match.begin = one;
  }
  match.begin = std::max(match.begin, least);
  while (match.token->rstrip && match.end < text.size()) {
    const Character character = character_at(&text[match.end]);
    if (!k_spaces.has(character.kind)) break;
    match.end += character.size_bytes;
  }
  return true;
}

}  // namespace headrace::text
