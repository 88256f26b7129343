// Command app prints the report of an error that a function finds which a dependency calls.
package main

import (
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/internal/exception"
)

func main() {
	var report string
	cmp.Equal(1, 2, cmp.FilterPath(func(cmp.Path) bool {
		report = caught()
		return false
	}, cmp.Ignore()))
	fmt.Print(report)
}

//go:noinline
func caught() string {
	r := exception.Report{Chain: exception.Chain(errors.New("app")), Frames: exception.Callers()}
	list := r.AppendList(nil)
	images := []byte("[]")
	if r.HasImages() {
		images = r.AppendImages(nil)
	}
	return fmt.Sprintf(`{"list":%s,"images":%s}`, list, images)
}
