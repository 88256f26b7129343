// Package cart is one of the shop's own.
package cart

import (
	"example.com/stock"
	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/report"
)

// A Cart holds articles, and in the end the report of an error.
type Cart struct {
	articles []string
	Report   string
}

// Add adds an article.
//
//go:noinline
func (c *Cart) Add(article string) error {
	c.articles = append(c.articles, article)
	_, err := uuid.NewRandomFromReader(c)
	return err
}

// Read is called by package io, which a module that was downloaded calls.
//
//go:noinline
func (c *Cart) Read(p []byte) (int, error) {
	stock.Each(c.articles, func(article string) { c.Report = report.Capture(stock.SoldOut(article)) })
	return len(p), nil
}
