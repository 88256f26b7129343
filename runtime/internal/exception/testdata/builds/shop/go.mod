module example.com/shop

go 1.25.0

require (
	example.com/stock v0.0.0
	github.com/google/uuid v1.6.0
	github.com/phgen/phgen/runtime/report v0.0.0
)

require github.com/phgen/phgen v0.0.0 // indirect

replace (
	example.com/stock => ../stock
	github.com/phgen/phgen => ../../../../../..
	github.com/phgen/phgen/runtime/report => ../report
)
