"""What people and marketplaces write, resolved into divisions, rest, name and phone (地址).

Works offline on a dated table of divisions and is pure: the same text gives the same answer.
Invariants: a level is answered only with its parents; what is not sure has a low confidence, and
what cannot be told stays empty; spans point into the raw text; no input raises. Confidence means
something: of answers at 0.95 and above, at least 99.5 % are right in every level they state.
Codes are the six digits of GB/T 2260 (nine for towns); own-made codes are marked as such.
"""
