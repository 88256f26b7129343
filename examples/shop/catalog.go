package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/phgen/phgen/examples/generated/flags"
	ph "github.com/phgen/phgen/runtime"
)

func (s *shop) listProducts(w http.ResponseWriter, _ *http.Request) error {
	var names []string
	for _, p := range products {
		names = append(names, p.name)
	}
	return answer(w, http.StatusOK, strings.Join(names, ", "))
}

func (s *shop) showProduct(w http.ResponseWriter, r *http.Request) error {
	p, err := find(r.PathValue("id"))
	if err != nil {
		return err
	}
	ph.Capture(r.Context(), "product viewed", ph.Props{"sku": p.sku})
	return answer(w, http.StatusOK, p.name)
}

// showStock asks both warehouses how many there are of a product. Anvils are counted by neither.
func (s *shop) showStock(w http.ResponseWriter, r *http.Request) error {
	p, err := find(r.PathValue("id"))
	if err != nil {
		return err
	}
	if p.id != "anvil" {
		return answer(w, http.StatusOK, "12")
	}
	return fmt.Errorf("counting %s: %w", p.sku, errors.Join(
		askWarehouse("north"),
		fmt.Errorf("warehouse south: %w", context.DeadlineExceeded),
	))
}

// A warehouseError knows where it arose, which says more than where it was captured.
type warehouseError struct {
	name  string
	stack []uintptr
}

func (e *warehouseError) Error() string { return "warehouse " + e.name + " is closed" }

// Callers is what the runtime looks for in an error.
func (e *warehouseError) Callers() []uintptr { return e.stack }

func askWarehouse(name string) error {
	stack := make([]uintptr, 32)
	return &warehouseError{name, stack[:runtime.Callers(1, stack)]}
}

// recommend panics, because nothing has been sold today.
func (s *shop) recommend(w http.ResponseWriter, _ *http.Request) error {
	var soldToday []product
	return answer(w, http.StatusOK, soldToday[0].name)
}

// preview is for those for whom the flag is on. For others there is no such page.
func (s *shop) preview(w http.ResponseWriter, r *http.Request) error {
	if !flags.BetaBanner(r.Context()) {
		return &refusal{http.StatusNotFound, "there is no such page"}
	}
	return answer(w, http.StatusOK, "soon to come: pottery")
}
