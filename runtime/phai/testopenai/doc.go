// Package testopenai proves phai.Transport against OpenAI's own client, which the runtime does
// not import.
package testopenai
