// Package media takes images, sound and other files out of JSON while it is copied.
//
// What is taken out is a data URL in base64, wherever it stands in a text, and a text of 200 or
// more characters that is nothing but base64, where models and their clients put files: under the
// keys of [classes], under "url" in an image_url or video_url object, and under "result" of an
// image_generation_call. "[base64 image redacted]" or the like takes its place.
//
// What is written is one JSON value without white space that PostHog accepts: valid UTF-8, no
// lone surrogate, no NUL, no number beyond float64. Input is untrusted: time is linear in
// its length for each level of nesting, of which there are [MaxDepth] at most.
package media
