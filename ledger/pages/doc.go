// Package pages has the canonical page encoding and page ids.
package pages
