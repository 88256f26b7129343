package main

// What customers, tools and models say. None of it may reach PostHog.
const (
	question     = "I am Theodora Quill, and I was charged twice."
	instructions = "You answer the customers of Acme. Never promise a refund."
	customer     = `{"name":"Theodora Quill","card":"4242 4242 4242 4242"}`
	lookUp       = `{"ticket":"Theodora Quill"}`
	search       = `{"words":["charged","twice"]}`
	answer       = "Dear Theodora, the second charge was only reserved, and is gone by Friday."
)

var articles = []string{
	"A charge that is reserved is given back within five days.",
	"Who pays by invoice pays within thirty days.",
	"The printer in the hall is out of ink.",
}

// words are parts of all that.
var words = []string{"Theodora", "Quill", "charged", "refund", "4242 4242", "twice", "reserved", "invoice", "printer", modelKey}
