// Command remit is the client of a Remit gateway: it quotes, sends and follows
// remittances, decides cases and looks after the treasury, over gRPC.
//
// It finds the gateway by --grpc and --api-key, else by REMIT_GRPC and
// REMIT_API_KEY, else by the .dev/demo.json that `remitd dev` writes, searched
// from the working folder upward.
//
// Exit codes:
//
//	0  done; for send and events --follow: the remittance is completed
//	1  the gateway refused the request or was not reached
//	2  the command line is wrong
//	3  the remittance ended before any money moved: rejected, canceled or expired
//	4  the remittance was undone: refunded
//	5  the money is blocked
//	6  the remittance has not ended within the time given
package main
