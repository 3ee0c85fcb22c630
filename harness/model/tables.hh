// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/model/vocabulary.hh"

// What each section of RFC 9293, 3.10.7 does to a segment; a file each.
namespace packetwright::model {

void arrives_closed(Situation& s);    // 3.10.7.1
void arrives_listen(Situation& s);    // 3.10.7.2
void arrives_syn_sent(Situation& s);  // 3.10.7.3
void arrives_other(Situation& s);     // 3.10.7.4

// RFC 6191 and RFC 9293, MAY-2: a SYN, and nothing with it, in TIME-WAIT.
void time_wait_syn(Situation& s);

// The last three steps of 3.10.7.4, which SYN-SENT goes through as well: URG, text, FIN.
void urgent_text_and_fin(Situation& s);

}  // namespace packetwright::model
