/* The library itself is Debian's; mediasoup links this one whole in its place. */
