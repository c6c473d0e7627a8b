package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts what a child says to people into this process's log, as far as it is not too much. For one thread. */
final class ErrorLog {
    /** What is longer is cut. */
    static final int MAX_LINE_BYTES = 500;

    /** What comes after so many lines of one child is read and dropped. */
    static final int MAX_LINES = 200;

    private static final Logger LOG = LoggerFactory.getLogger(ErrorLog.class);

    private final long pid;
    private final InputStream errors;
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int length;
    private int lines;

    ErrorLog(long pid, InputStream errors) {
        this.pid = pid;
        this.errors = errors;
    }

    /** Returns when the pipe ends. */
    void drain() {
        var buffer = new byte[4096];
        try {
            for (int got = errors.read(buffer); got >= 0; got = errors.read(buffer)) {
                for (int i = 0; i < got; i++) {
                    add(buffer[i]);
                }
            }
        } catch (IOException e) {
            LOG.debug("the errors of mount-io pid={} can't be read", pid, e);
        }
        tell();
    }

    private void add(byte next) {
        if (next == '\n') {
            tell();
        } else if (length < line.length) {
            line[length++] = next < 0x20 && next >= 0 ? (byte) ' ' : next;
        }
    }

    private void tell() {
        if (length > 0 && lines < MAX_LINES) {
            lines++;
            LOG.warn("mount-io pid={} says: {}", pid, new String(line, 0, length, StandardCharsets.UTF_8));
        } else if (length > 0 && lines == MAX_LINES) {
            lines++;
            LOG.warn("mount-io pid={} says more than {} lines; the rest is dropped", pid, MAX_LINES);
        }
        length = 0;
    }
}
