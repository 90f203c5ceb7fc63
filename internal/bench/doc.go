// Package bench measures the whole product: remittances through the real
// remitd, Temporal server, stand-in chains and bank, beside a bare workflow of
// the same shape on the same server in the same run; and a gate's decision.
package bench
