package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/verify"
)

// docs/rules.md is what the catalogues say today.
func TestRulesPage(t *testing.T) {
	var got strings.Builder
	if err := writeRulesPage(&got); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join("..", "..", "docs", "rules.md")
	if *update {
		if err := os.MkdirAll(filepath.Dir(page), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s is out of date; run this test with -update (-want +got):\n%s", page, diff)
	}
}

// Every code has a heading of its own, and every link of the tables leads to one.
func TestRulesPageLinks(t *testing.T) {
	var page strings.Builder
	if err := writeRulesPage(&page); err != nil {
		t.Fatal(err)
	}
	var headings, links, codes []string
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(page.String(), -1) {
		headings = append(headings, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\(#(\w+)\) \|`).FindAllStringSubmatch(page.String(), -1) {
		links = append(links, m[1])
		if strings.ToLower(m[1]) != m[2] {
			t.Errorf("the link of %s leads to %s", m[1], m[2])
		}
	}
	for _, doc := range allCodes() {
		codes = append(codes, doc.Code)
	}
	events := slices.Clone(codes)
	for _, rule := range verify.Rules() {
		events = append(events, rule.Name)
	}
	if diff := cmp.Diff(events, headings); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(codes, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	slices.Sort(codes)
	if unique := slices.Compact(slices.Clone(codes)); len(unique) != len(codes) {
		t.Errorf("%d codes are in two catalogues", len(codes)-len(unique))
	}
}
