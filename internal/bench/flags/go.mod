module github.com/phgen/phgen/internal/bench/flags

go 1.25.0

require (
	github.com/goccy/go-json v0.10.6
	github.com/launchdarkly/go-jsonstream/v3 v3.1.0
	github.com/launchdarkly/go-sdk-common/v3 v3.4.0
	github.com/launchdarkly/go-server-sdk-evaluation/v3 v3.0.1
	github.com/phgen/phgen v0.0.0
	github.com/posthog/posthog-go v1.23.1
)

require (
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/josharian/intern v1.0.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/launchdarkly/go-semver v1.0.3 // indirect
	github.com/mailru/easyjson v0.7.7 // indirect
	golang.org/x/sys v0.46.0 // indirect
)

replace github.com/phgen/phgen => ../../..
