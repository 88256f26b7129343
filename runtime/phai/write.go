package phai

// What each event writes of its own. Contents come last: those that make the event too large
// become null, and nothing else does.

func (e *TraceEvent) step(s *Step) { *s = e.Step }

func (e *TraceEvent) survey(s *survey, keep bool) {
	s.add(e.Metadata)
	if keep {
		s.add(e.Input)
		s.add(e.Output)
	}
}

func (e *TraceEvent) write(w *writer) {
	w.content("$ai_trace_metadata", e.Metadata)
	w.content(keyInputState, e.Input)
	w.content(keyOutputState, e.Output)
}

func (e *SpanEvent) step(s *Step) { *s = e.Step }

func (e *SpanEvent) survey(s *survey, keep bool) {
	s.add(e.ProviderMetadata)
	if keep {
		for _, v := range [...]any{e.Input, e.Output, e.MCPData, e.CustomData, e.SpanData} {
			s.add(v)
		}
	}
}

func (e *SpanEvent) write(w *writer) {
	w.text("$ai_span_type", e.Type)
	w.texts("$ai_agent_handoffs", e.Agent.Handoffs)
	w.texts("$ai_agent_tools", e.Agent.Tools)
	w.text("$ai_agent_output_type", e.Agent.OutputType)
	w.text("$ai_handoff_from_agent", e.Agent.From)
	w.text("$ai_handoff_to_agent", e.Agent.To)
	if e.Agent.Triggered {
		w.raw("$ai_guardrail_triggered", "true")
	} else if e.Type == "guardrail" {
		w.raw("$ai_guardrail_triggered", "false")
	}
	w.text("$ai_mcp_server", e.MCPServer)
	w.texts("$ai_mcp_tools", e.MCPTools)
	w.content("$ai_provider_metadata", e.ProviderMetadata)
	w.content("$ai_mcp_data", e.MCPData)
	w.content(keyCustomData, e.CustomData)
	w.content("$ai_span_data", e.SpanData)
	w.content(keyInputState, e.Input)
	w.content(keyOutputState, e.Output)
}

func (e *GenerationEvent) step(s *Step) { *s = e.Step }

func (e *GenerationEvent) survey(s *survey, keep bool) {
	s.add(e.Tools)
	s.add(e.RawUsage)
	s.add(e.ProviderMetadata)
	if keep {
		s.add(e.Input)
		s.add(e.Output)
		s.add(e.CustomData)
	}
}

func (e *GenerationEvent) write(w *writer) {
	e.Model.write(w)
	e.Usage.write(w, true)
	w.text("$ai_stop_reason", e.StopReason)
	w.text("$ai_response_id", e.ResponseID)
	w.text("$ai_completion_id", e.CompletionID)
	w.seconds("$ai_time_to_first_token", e.FirstToken)
	w.integer("$ai_http_status", int64(e.HTTPStatus))
	w.content("$ai_provider_metadata", e.ProviderMetadata)
	w.content("$ai_tools", e.Tools)
	w.content(keyCustomData, e.CustomData)
	if e.Instructions != "" {
		w.content(keyInstructions, e.Instructions)
	}
	w.messages(keyOutput, "assistant", e.Output)
	w.messages(keyInput, "user", e.Input)
}

func (e *EmbeddingEvent) step(s *Step) { *s = e.Step }

func (e *EmbeddingEvent) survey(s *survey, keep bool) {
	s.add(e.RawUsage)
	if keep {
		s.add(e.Input)
	}
}

func (e *EmbeddingEvent) write(w *writer) {
	e.Model.write(w)
	e.Usage.write(w, false)
	w.integer("$ai_http_status", int64(e.HTTPStatus))
	w.content(keyInput, e.Input)
}

func (e *MetricEvent) step(s *Step) {
	*s = Step{TraceID: e.TraceID, Timestamp: e.Timestamp, Extra: e.Extra}
}

func (e *MetricEvent) survey(*survey, bool) {}

func (e *MetricEvent) write(w *writer) {
	w.text("$ai_metric_name", e.Name)
	w.text("$ai_metric_value", e.Value)
}

func (e *FeedbackEvent) step(s *Step) {
	*s = Step{TraceID: e.TraceID, Timestamp: e.Timestamp, Extra: e.Extra}
}

func (e *FeedbackEvent) survey(*survey, bool) {}

func (e *FeedbackEvent) write(w *writer) {
	if e.Text != "" {
		w.content("$ai_feedback_text", e.Text)
	}
}

func (m *Model) write(w *writer) {
	w.text("$ai_provider", m.Provider)
	w.text("$ai_model", m.Name)
	m.Parameters.write(w)
	w.address("$ai_base_url", m.BaseURL)
	w.address("$ai_request_url", m.RequestURL)
}

func (p *Parameters) write(w *writer) {
	if p.isZero() {
		return
	}
	if dst, ok := w.open("$ai_model_parameters"); ok {
		w.CloseMember(p.append(dst))
	}
	if p.Temperature != nil {
		w.number("$ai_temperature", *p.Temperature)
	}
	w.integer("$ai_max_tokens", max(p.MaxTokens, p.MaxCompletionTokens))
	w.flag("$ai_stream", p.Stream || p.Streaming)
}

func (p *Parameters) isZero() bool {
	return p.Temperature == nil && p.TopP == 0 && p.FrequencyPenalty == 0 && p.PresencePenalty == 0 &&
		p.MaxTokens == 0 && p.MaxCompletionTokens == 0 && p.N == 0 && len(p.Stop) == 0 && !p.Stream && !p.Streaming
}

// append appends p as an object.
func (p *Parameters) append(dst []byte) []byte {
	e := encoder{dst: append(dst, '{')}
	if p.Temperature != nil {
		e.number("temperature", *p.Temperature)
	}
	for _, n := range [...]struct {
		key string
		v   float64
	}{
		{"max_tokens", float64(p.MaxTokens)},
		{"max_completion_tokens", float64(p.MaxCompletionTokens)},
		{"top_p", p.TopP},
		{"frequency_penalty", p.FrequencyPenalty},
		{"presence_penalty", p.PresencePenalty},
		{"n", float64(p.N)},
	} {
		if n.v != 0 {
			e.number(n.key, n.v)
		}
	}
	if len(p.Stop) > 0 {
		e.key("stop")
		e.dst = appendTexts(e.dst, p.Stop)
	}
	if p.Stream {
		e.key("stream")
		e.dst = append(e.dst, "true"...)
	}
	if p.Streaming {
		e.key("streaming")
		e.dst = append(e.dst, "true"...)
	}
	return append(e.dst, '}')
}

// write writes the counters, those of output only of a generation.
func (u *Usage) write(w *writer, output bool) {
	w.counts = true
	w.always("$ai_input_tokens", u.InputTokens)
	if output {
		w.always("$ai_output_tokens", u.OutputTokens)
	}
	w.integer("$ai_total_tokens", u.TotalTokens)
	w.integer("$ai_reasoning_tokens", u.ReasoningTokens)
	w.integer("$ai_cache_read_input_tokens", u.CacheReadTokens)
	w.integer("$ai_cache_creation_input_tokens", u.CacheCreationTokens)
	if u.CacheCreation5mTokens > 0 || u.CacheCreation1hTokens > 0 {
		w.always("$ai_cache_creation_5m_input_tokens", u.CacheCreation5mTokens)
		w.always("$ai_cache_creation_1h_input_tokens", u.CacheCreation1hTokens)
	}
	w.flag("$ai_cache_reporting_exclusive", u.CacheExclusive)
	w.integer("$ai_web_search_count", u.WebSearches)
	w.content("$ai_usage", u.RawUsage)
	if c := u.Cost; c != nil {
		total := c.Total
		if total == 0 {
			total = c.Input + c.Output
		}
		w.number("$ai_input_cost_usd", c.Input)
		if output {
			w.number("$ai_output_cost_usd", c.Output)
		}
		w.number("$ai_total_cost_usd", total)
	}
}
