package traffic

import "encoding/json"

// Usage is what a call consumed, in tokens. What is 0 was not reported.
type Usage struct {
	Input, Output, Total       int64
	CacheRead, CacheWrite      int64
	CacheWrite5m, CacheWrite1h int64
	Reasoning                  int64
	WebSearches                int64
}

// usage is how the shapes write it: no name means two things.
type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	InputTokens      int64 `json:"input_tokens"`
	OutputTokens     int64 `json:"output_tokens"`
	TotalTokens      int64 `json:"total_tokens"`

	PromptDetails     usageDetails `json:"prompt_tokens_details"`
	CompletionDetails usageDetails `json:"completion_tokens_details"`
	InputDetails      usageDetails `json:"input_tokens_details"`
	OutputDetails     usageDetails `json:"output_tokens_details"`

	CacheRead     int64 `json:"cache_read_input_tokens"`
	CacheCreation int64 `json:"cache_creation_input_tokens"`
	CacheByTTL    struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		OneHour     int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
	ServerTools struct {
		WebSearches int64 `json:"web_search_requests"`
	} `json:"server_tool_use"`
}

type usageDetails struct {
	Cached    int64 `json:"cached_tokens"`
	Reasoning int64 `json:"reasoning_tokens"`
}

// read adds what raw reports: the later report of a stream wins. It reports whether raw is
// JSON.
func (u *Usage) read(raw json.RawMessage) bool {
	var w usage
	if !decode(raw, &w) {
		return false
	}
	for _, n := range [...]struct {
		to   *int64
		from int64
	}{
		{&u.Input, max(w.PromptTokens, w.InputTokens)},
		{&u.Output, max(w.CompletionTokens, w.OutputTokens)},
		{&u.Total, w.TotalTokens},
		{&u.CacheRead, max(w.CacheRead, w.PromptDetails.Cached, w.InputDetails.Cached)},
		{&u.CacheWrite, w.CacheCreation},
		{&u.CacheWrite5m, w.CacheByTTL.FiveMinutes},
		{&u.CacheWrite1h, w.CacheByTTL.OneHour},
		{&u.Reasoning, max(w.CompletionDetails.Reasoning, w.OutputDetails.Reasoning)},
		{&u.WebSearches, w.ServerTools.WebSearches},
	} {
		if n.from > 0 {
			*n.to = n.from
		}
	}
	return true
}
