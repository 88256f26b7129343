module github.com/phgen/phgen/internal/dev/testclients

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/phgen/phgen v0.0.0
	github.com/posthog/posthog-go v1.23.1
)

require (
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/goccy/go-json v0.10.6 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1 // indirect
	golang.org/x/sys v0.46.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/phgen/phgen => ../../..
