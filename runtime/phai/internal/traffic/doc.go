// Package traffic reads the traffic of language models by its shape: requests, responses and
// streams of OpenAI's Chat Completions, Responses and Embeddings, and of Anthropic's Messages,
// which many other providers speak too.
//
// It sees bytes as they pass and keeps what it was asked to keep, up to a bound. What it reads
// may be anything: it never fails, and says in the [Response] what it could not read.
package traffic
