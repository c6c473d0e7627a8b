package io.lockstep.agent.vfs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The YAML file that {@code trees[].credentials} names: {@code privateKey}, {@code passphrase}, {@code password} and
 * {@code knownHosts}. Paths are taken from the file's own directory. It is read at each new connection, so that a
 * password or a key that changed is used without a restart.
 */
public final class LoginFile {
    private static final int MAX_BYTES = 64 * 1024;

    private LoginFile() {}

    /** What came of reading it. */
    public sealed interface Reading {
        /** It is good. */
        record Read(Login login) implements Reading {}

        /** It is not; neither text has anything of its content. */
        record Refused(String problem, String remedy) implements Reading {}
    }

    /** The file's keys. */
    private record Content(
            @Nullable String privateKey,
            @Nullable String passphrase,
            @Nullable String password,
            @Nullable String knownHosts) {}

    /** Reads and checks {@code file} and the files that it names. */
    public static Reading read(Path file) {
        try {
            var exposed = whoElseMay(file, true, "chmod 600 " + file);
            if (exposed.isPresent()) {
                return exposed.get();
            }
            if (Files.size(file) > MAX_BYTES) {
                return new Reading.Refused(file + " is larger than 64 KiB", "Is this the right file?");
            }
            return check(file, parse(file));
        } catch (JsonProcessingException e) {
            // The parser's own message quotes the text around the mistake, which may be the password.
            var place = e.getLocation();
            return new Reading.Refused(
                    file + " is not as it should be" + (place == null ? "" : " at line " + place.getLineNr()),
                    "It has the keys privateKey, passphrase, password and knownHosts, each once, each with one value");
        } catch (NoSuchFileException e) {
            return new Reading.Refused(e.getFile() + " is not there", "Make it, or correct the path");
        } catch (IOException e) {
            return new Reading.Refused(
                    file + " can't be read (" + e.getClass().getSimpleName() + ")",
                    "Run: chown <user of the agent> " + file);
        }
    }

    private static Content parse(Path file) throws IOException {
        var mapper = YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        var text = Files.readString(file);
        var tree = mapper.readTree(text);
        // Read from the text and not from the tree, which would make a number of a password of digits.
        return tree.isMissingNode() || tree.isNull()
                ? new Content(null, null, null, null)
                : mapper.readValue(text, Content.class);
    }

    private static Reading check(Path file, Content content) throws IOException {
        var base = file.toAbsolutePath();
        if (content.knownHosts() == null) {
            return new Reading.Refused(
                    file + " has no knownHosts, so that any server could pose as the share's",
                    "Write the server's host key into a file, such as with ssh-keyscan, compare its fingerprint with"
                            + " the one that the server's administrator tells, and name the file as knownHosts");
        }
        if (content.privateKey() == null && content.password() == null) {
            return new Reading.Refused(file + " has neither privateKey nor password", "Add one of them");
        }
        var knownHosts = base.resolveSibling(content.knownHosts()).normalize();
        if (!Files.isReadable(knownHosts)) {
            return new Reading.Refused(knownHosts + " can't be read", "Make it, or correct knownHosts in " + file);
        }
        var exposed = whoElseMay(knownHosts, false, "chmod o-w " + knownHosts);
        if (exposed.isPresent()) {
            return exposed.get();
        }
        Optional<Path> key = Optional.empty();
        if (content.privateKey() != null) {
            key = Optional.of(base.resolveSibling(content.privateKey()).normalize());
            exposed = whoElseMay(key.get(), true, "chmod 600 " + key.get());
            if (exposed.isPresent()) {
                return exposed.get();
            }
        }
        return new Reading.Read(new Login(
                key,
                Optional.ofNullable(content.passphrase()).map(Secret::new),
                Optional.ofNullable(content.password()).map(Secret::new),
                knownHosts));
    }

    private static Optional<Reading> whoElseMay(Path file, boolean readingCounts, String remedy) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        var others = Map.of(PosixFilePermission.OTHERS_WRITE, "written", PosixFilePermission.OTHERS_READ, "read");
        for (var right : others.entrySet()) {
            boolean counts = readingCounts || right.getKey() == PosixFilePermission.OTHERS_WRITE;
            if (counts && permissions.contains(right.getKey())) {
                return Optional.of(new Reading.Refused(
                        file + " can be " + right.getValue() + " by every user of this host", "Run: " + remedy));
            }
        }
        return Optional.empty();
    }
}
