package main

import (
	"context"
	"fmt"

	"github.com/phgen/phgen/runtime/phai"
)

const maxRounds = 8

// converse asks the model until it answers without calling a tool.
func converse(ctx context.Context, llm *llm, question string) (string, error) {
	messages := []message{
		{Role: "system", Content: instructions},
		{Role: "user", Content: question},
	}
	for range maxRounds {
		answer, err := llm.complete(ctx, messages)
		if err != nil {
			return "", err
		}
		if len(answer.ToolCalls) == 0 {
			return answer.Content, nil
		}
		messages = append(messages, answer)
		for _, call := range answer.ToolCalls {
			result, err := useTool(ctx, call.Function)
			if err != nil {
				return "", err
			}
			messages = append(messages, message{Role: "tool", ToolCallID: call.ID, Content: result})
		}
	}
	return "", fmt.Errorf("no answer after %d rounds", maxRounds)
}

// tools are what the model may call.
var tools = map[string]func(arguments string) string{
	"look_up_customer": func(string) string { return customer },
	"search_articles":  func(string) string { return articles[0] },
}

// toolbox describes them to the model.
var toolbox = []any{
	tool("look_up_customer", "Who asks"),
	tool("search_articles", "What the handbook says"),
}

func tool(name, description string) any {
	return map[string]any{"type": "function", "function": map[string]any{
		"name": name, "description": description, "parameters": map[string]any{"type": "object"},
	}}
}

// useTool is one span of the trace.
func useTool(ctx context.Context, f function) (result string, err error) {
	_, span := phai.Span(ctx, f.Name)
	defer func() { span.End(err) }()
	span.Type("tool")
	span.Input(f.Arguments)
	use := tools[f.Name]
	if use == nil {
		return "", fmt.Errorf("the model calls %q, which is no tool", f.Name)
	}
	result = use(f.Arguments)
	span.Output(result)
	return result, nil
}

// batch is how many articles one call embeds.
const batch = 2

// index is a job of nobody in particular: its events are about the trace, and make no person.
func index(ctx context.Context, llm *llm, articles []string) (vectors [][]float64, err error) {
	ctx, trace := phai.Trace(ctx, "index articles")
	defer func() { trace.End(err) }()
	for len(articles) > 0 {
		n := min(batch, len(articles))
		some, err := llm.embed(ctx, articles[:n])
		if err != nil {
			return nil, err
		}
		vectors, articles = append(vectors, some...), articles[n:]
	}
	return vectors, nil
}
