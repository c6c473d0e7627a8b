package io.lockstep.agent.mountio;

import java.io.IOException;

/**
 * What each side says first. Both must be of one version: the program's files may have been replaced while the parent
 * was running. The form of this message never changes.
 *
 * @param protocol the number of the form of everything else
 * @param program the program's version
 */
record Hello(int protocol, String program) {
    /** Raised with every change of what follows a hello. */
    static final int PROTOCOL = 1;

    private static final int MAGIC = 0x4c53_494f;

    static Hello of(String program) {
        return new Hello(PROTOCOL, program);
    }

    void write(MessageOutput out) throws IOException {
        out.i32(MAGIC);
        out.i32(protocol);
        out.text(program);
    }

    static Hello read(MessageInput in) throws IOException {
        if (in.i32() != MAGIC) {
            throw new MalformedFrameException("it does not say hello");
        }
        return new Hello(in.i32(), in.text());
    }

    @Override
    public String toString() {
        return "version " + program + " (protocol " + protocol + ")";
    }
}
