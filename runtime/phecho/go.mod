module github.com/phgen/phgen/runtime/phecho

go 1.25.0

require (
	github.com/labstack/echo/v5 v5.3.1
	github.com/phgen/phgen v0.0.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/phgen/phgen => ../..
