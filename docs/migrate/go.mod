module github.com/phgen/phgen/docs/migrate

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/phgen/phgen v0.0.0
	github.com/posthog/posthog-go v1.23.1
	gopkg.in/segmentio/analytics-go.v3 v3.1.0
)

require (
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/goccy/go-json v0.10.6 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/segmentio/backo-go v1.1.0 // indirect
	github.com/xtgo/uuid v0.0.0-20140804021211-a0b114877d4c // indirect
	golang.org/x/sys v0.46.0 // indirect
)

replace github.com/phgen/phgen => ../..
