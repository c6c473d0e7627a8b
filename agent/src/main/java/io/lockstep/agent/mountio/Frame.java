package io.lockstep.agent.mountio;

/**
 * One piece of what the two processes say to each other. On the pipe: the length of what follows (4 bytes, big-endian),
 * the type (1), the call's number (4), and the payload.
 */
final class Frame {
    /** The longest frame: its length field never says more, and nothing longer is ever read. */
    static final int MAX_BYTES = 1 << 20;

    /** Type and call. */
    static final int HEAD_BYTES = 1 + 4;

    /** The longest payload. */
    static final int MAX_PAYLOAD_BYTES = MAX_BYTES - HEAD_BYTES;

    /** What a frame says. */
    enum Type {
        /** The first frame of either side: see {@link Hello}. */
        HELLO(0),
        /** To the child: a call begins; the payload is the {@link Operation}. */
        BEGIN(1),
        /** A part of a call's body, or of its answer. */
        PART(2),
        /** The body or the answer has ended. */
        END(3),
        /** From the child: the call can't be answered; the payload says why. */
        REFUSED(4),
        /** From the child: the call is still being worked at; see {@link Pulse}. */
        PULSE(5);

        private static final Type[] ALL = values();

        private final int number;

        Type(int number) {
            this.number = number;
        }

        /** On the pipe. */
        int number() {
            return number;
        }

        static Type of(int number) throws MalformedFrameException {
            for (var type : ALL) {
                if (type.number == number) {
                    return type;
                }
            }
            throw new MalformedFrameException("no frame is of type " + number);
        }
    }

    static final byte[] NOTHING = new byte[0];

    private final Type type;
    private final int call;
    private final byte[] payload;

    /**
     * A frame.
     *
     * @param call which call it belongs to; 0 for none
     * @param payload not copied; nobody writes to it from now on
     */
    Frame(Type type, int call, byte[] payload) {
        this.type = type;
        this.call = call;
        this.payload = payload;
    }

    Type type() {
        return type;
    }

    int call() {
        return call;
    }

    byte[] payload() {
        return payload;
    }
}
