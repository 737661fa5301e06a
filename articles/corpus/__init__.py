"""A made-up archive of any size, the same one for the same size and day, to measure and to try on.

`vocabulary` has the words, `writing` makes texts of them; `cast` has topics, sources and editors,
`rhythm` says when articles appear, `plan` what each is; `pictures` draws. All that is pure, and any
part of it may be made by any process. `furnishing` writes what there is little of, `loading` copies
articles in, `making` does the whole.
"""
