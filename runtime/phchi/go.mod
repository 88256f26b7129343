module github.com/phgen/phgen/runtime/phchi

go 1.25.0

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/phgen/phgen v0.0.0-00010101000000-000000000000
	go.uber.org/goleak v1.3.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
)

replace github.com/phgen/phgen => ../..
