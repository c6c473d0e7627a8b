package io.lockstep.agent.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A throw-away authority and identities of loopback nodes, for tests. */
public final class TestIdentities {
    private static final InstantSource NOW = Clock.systemUTC();
    private static final InstantSource THEN = Clock.offset(Clock.systemUTC(), Duration.ofDays(-3 * 365));

    private final Path directory;

    /** Makes an authority in a new directory {@code name} below {@code parent}, valid since three years. */
    public TestIdentities(Path parent, String name) throws IOException {
        this.directory = Files.createDirectory(parent.resolve(name));
        CertificateAuthority.create(directory, name, THEN);
    }

    /** The identity of a new node that is reached on loopback. */
    public NodeIdentity node(String name) throws IOException {
        return issued(name, NOW);
    }

    /** A node whose certificate ended a year ago, loaded while it was valid. */
    public NodeIdentity expired(String name) throws IOException {
        return issued(name, THEN);
    }

    private NodeIdentity issued(String name, InstantSource clock) throws IOException {
        TlsFiles files =
                CertificateAuthority.open(directory, clock).issue(directory, name, List.of("127.0.0.1", "localhost"));
        return NodeIdentity.load(files, clock);
    }
}
