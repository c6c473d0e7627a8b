package io.lockstep.agent.cli;

import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.tls.CertificateAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * The directory that {@code setup} writes: {@code ca/} with the authority, and for each node {@code NAME/} with
 * {@code lockstep.yml} and {@code tls/{ca.pem,node.pem,node.key}}, which are the defaults of the configuration.
 */
final class ClusterDirectory {
    /** The authority's directory; no node can have this name. */
    static final String AUTHORITY = "ca";

    private final Path directory;
    private final InstantSource clock;

    ClusterDirectory(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Makes the authority and the nodes that are not there yet. A node's directory appears complete or not at all.
     *
     * @throws InvalidConfigurationException when the nodes don't make a valid configuration; nothing was written
     */
    List<SetupCommand.Made> make(String cluster, String manager, List<NodeAddress> nodes)
            throws IOException, InvalidConfigurationException {
        var texts = new LinkedHashMap<NodeAddress, String>();
        for (var node : nodes) {
            texts.put(node, NodeFile.text(cluster, manager, nodes, node));
        }
        var authority = authority(cluster);
        var made = new ArrayList<SetupCommand.Made>();
        for (var entry : texts.entrySet()) {
            made.add(makeNode(authority, entry.getKey(), entry.getValue()));
        }
        return made;
    }

    private CertificateAuthority authority(String cluster) throws IOException {
        var ca = directory.resolve(AUTHORITY);
        if (Files.exists(ca.resolve(CertificateAuthority.CERTIFICATE_FILE))) {
            return CertificateAuthority.open(ca, clock);
        }
        Files.createDirectories(directory);
        if (!Files.isDirectory(ca)) {
            Files.createDirectory(
                    ca, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return CertificateAuthority.create(ca, cluster, clock);
    }

    private SetupCommand.Made makeNode(CertificateAuthority authority, NodeAddress node, String text)
            throws IOException {
        var target = directory.resolve(node.name());
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return new SetupCommand.Made(node.name(), target.toString(), false);
        }
        var unfinished = Files.createTempDirectory(directory, "." + node.name() + ".");
        try {
            var tls = Files.createDirectory(unfinished.resolve("tls"));
            var files = authority.issue(tls, node.name(), List.of(node.bareHost()));
            Files.move(files.certificate(), tls.resolve("node.pem"), StandardCopyOption.ATOMIC_MOVE);
            Files.move(files.privateKey(), tls.resolve("node.key"), StandardCopyOption.ATOMIC_MOVE);
            Files.writeString(unfinished.resolve("lockstep.yml"), text);
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            // After the move nothing is left here; after a failure a private key would be.
            FileUtils.deleteDirectory(unfinished.toFile());
        }
        return new SetupCommand.Made(node.name(), target.toString(), true);
    }
}
