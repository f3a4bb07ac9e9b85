// Package catalog has the definitions of relations and their dependency order.
package catalog
