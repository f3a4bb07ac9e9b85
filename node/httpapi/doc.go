// Package httpapi serves Weir's HTTP API.
package httpapi
