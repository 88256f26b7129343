package main

import "net/http"

// The headers that PostHog's browser library adds to requests.
const (
	headerUser    = "X-POSTHOG-DISTINCT-ID"
	headerSession = "X-POSTHOG-SESSION-ID"
	headerWindow  = "X-POSTHOG-WINDOW-ID"
)

// people are the visitors, in the order in which they come.
var people = []struct {
	name   string
	header map[string]string
	steps  []step
}{
	{"Ada, who comes unknown and opens an account", map[string]string{
		headerUser:        "01980000-0000-7000-8000-0000000000ad",
		headerSession:     "01980000-0000-7000-8000-0000000001ad",
		headerWindow:      "01980000-0000-7000-8000-0000000002ad",
		"Accept-Language": "de-DE,de;q=0.9",
	}, []step{
		get("/products", http.StatusOK),
		get("/products/tea", http.StatusOK),
		post("/cart", "product=tea", http.StatusCreated),
		post("/signup", "email=ada@example.com&method=google", http.StatusCreated).awaiting("Welcome"),
		get("/preview", http.StatusOK, http.StatusNotFound), // in your project the flag may be off
		get("/cart", http.StatusOK),
		post("/checkout", "card=visa+4242&confirm=yes", http.StatusAccepted).awaiting("Order o_1 is on its way"),
	}},
	{"Bob, whose browser blocks PostHog until it claims to be Ada's", nil, []step{
		get("/products", http.StatusOK),
		post("/login", "email=bob@acme.example", http.StatusOK),
		get("/products/mug", http.StatusOK).claiming("user_ada"),
		post("/cart", "product=mug", http.StatusCreated).claiming("user_ada"),
		get("/preview", http.StatusOK, http.StatusNotFound),
		post("/checkout", "card=visa+1881&confirm=yes", http.StatusAccepted).awaiting("Order o_2 is delayed"),
	}},
	{"Dana, of Bob's organization, whose card is declined", map[string]string{
		headerUser:    "01980000-0000-7000-8000-0000000000da",
		headerSession: "01980000-0000-7000-8000-0000000001da",
	}, []step{
		post("/login", "email=dana@acme.example", http.StatusOK),
		post("/cart", "product=anvil", http.StatusCreated),
		post("/cart", "product=tea", http.StatusCreated),
		post("/checkout", "card=visa+0002&confirm=yes", http.StatusPaymentRequired),
		post("/checkout", "invoice=30&confirm=yes", http.StatusAccepted).awaiting("Order o_4 is delayed"),
	}},
	{"Carl, who never says who he is and has no luck", map[string]string{
		headerUser:    "01980000-0000-7000-8000-0000000000ca",
		headerSession: "01980000-0000-7000-8000-0000000001ca",
	}, []step{
		get("/products/sword", http.StatusNotFound),
		get("/products/anvil/stock", http.StatusInternalServerError),
		get("/recommendations", http.StatusInternalServerError),
	}},
	{"a machine that looks whether the shop is there", nil, []step{
		get("/healthz", http.StatusOK),
		get("/products/tea", http.StatusOK),
	}},
}
