module github.com/phgen/phgen/runtime/phopenfeature

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/open-feature/go-sdk v1.20.0
	github.com/phgen/phgen v0.0.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	go.uber.org/mock v0.6.0 // indirect
)

replace github.com/phgen/phgen => ../..
