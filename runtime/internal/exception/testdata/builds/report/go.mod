module github.com/phgen/phgen/runtime/report

go 1.25.0

require github.com/phgen/phgen v0.0.0

replace github.com/phgen/phgen => ../../../../../..
