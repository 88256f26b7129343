module github.com/phgen/phgen/golangci

go 1.25.0

require (
	github.com/golangci/plugin-module-register v0.1.2
	github.com/phgen/phgen v0.0.0-00010101000000-000000000000
	golang.org/x/tools v0.47.0
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/phgen/phgen => ..
