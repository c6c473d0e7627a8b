package io.lockstep.agent.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityIT {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    @TempDir
    private Path directory;

    @Test
    void privateKeysAreMadeForTheirOwnerAlone() throws Exception {
        TlsFiles files =
                CertificateAuthority.create(directory, "demo", CLOCK).issue(directory, "gw1", List.of("127.0.0.1"));

        for (Path key : List.of(files.privateKey(), directory.resolve(CertificateAuthority.KEY_FILE))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aNodesCertificateNamesItAndItsAddressesForTwoYears() throws Exception {
        TlsFiles files = CertificateAuthority.create(directory, "demo", CLOCK)
                .issue(directory, "gw1", List.of("gw1.example.org", "10.0.0.1", "fd00::1"));

        X509Certificate certificate = PemFile.certificates(files.certificate()).get(0);
        assertThat(CertificateNames.commonName(certificate)).contains("gw1");
        assertThat(CertificateNames.vouchesFor(certificate, "GW1.example.org")).isTrue();
        assertThat(CertificateNames.vouchesFor(certificate, "10.0.0.1")).isFalse();
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(entry -> String.valueOf(entry.get(1)))
                .containsExactlyInAnyOrder("gw1", "gw1.example.org", "10.0.0.1", "fd00:0:0:0:0:0:0:1");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(730)));
    }

    @Test
    void nothingIsEverOverwritten() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create(directory, "demo", CLOCK);
        authority.issue(directory, "gw1", List.of());
        byte[] key = Files.readAllBytes(directory.resolve("gw1-key.pem"));
        byte[] caKey = Files.readAllBytes(directory.resolve(CertificateAuthority.KEY_FILE));

        assertThatThrownBy(() -> authority.issue(directory, "gw1", List.of()))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("gw1.pem");
        assertThatThrownBy(() -> CertificateAuthority.create(directory, "demo", CLOCK))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(directory.resolve("gw1-key.pem")).hasBinaryContent(key);
        assertThat(directory.resolve(CertificateAuthority.KEY_FILE)).hasBinaryContent(caKey);
    }

    @Test
    void aNodesDirectoryGetsTheAuthorityButNeverAnotherOne() throws Exception {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Path node = Files.createDirectory(directory.resolve("node"));
        CertificateAuthority.create(one, "one", CLOCK).issue(node, "gw1", List.of());

        assertThat(node.resolve(CertificateAuthority.CERTIFICATE_FILE))
                .hasSameBinaryContentAs(one.resolve(CertificateAuthority.CERTIFICATE_FILE));
        CertificateAuthority second = CertificateAuthority.create(other, "other", CLOCK);
        assertThatThrownBy(() -> second.issue(node, "gw2", List.of())).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(node.resolve("gw2-key.pem")).doesNotExist();
    }

    @Test
    void namesThatAreNoneAreRefusedBeforeAnyFileIsMade() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create(directory, "demo", CLOCK);

        for (String name : List.of("", "a b", "../x", "a,CN=b", "-a", "a".repeat(65))) {
            assertThatThrownBy(() -> authority.issue(directory, name, List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void badFilesAreNamedWithARemedy() throws Exception {
        TlsFiles good = CertificateAuthority.create(directory, "demo", CLOCK).issue(directory, "gw1", List.of());
        TlsFiles second = CertificateAuthority.open(directory, CLOCK).issue(directory, "gw2", List.of());
        Path missing = directory.resolve("missing.pem");
        Path text = Files.write(directory.resolve("text.pem"), "hello".getBytes(UTF_8));
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        CertificateAuthority.create(foreign, "foreign", CLOCK);

        assertRefused(
                new TlsFiles(missing, good.certificate(), good.privateKey()), CLOCK, "missing.pem: does not exist");
        assertRefused(
                new TlsFiles(good.caCertificate(), text, good.privateKey()), CLOCK, "text.pem: holds no certificate");
        assertRefused(
                new TlsFiles(good.caCertificate(), good.certificate(), text.resolveSibling("gw2-key.pem")),
                CLOCK,
                "is not the key of the certificate");
        assertRefused(
                new TlsFiles(foreign.resolve("ca.pem"), second.certificate(), second.privateKey()),
                CLOCK,
                "was not issued by");
        assertRefused(good, InstantSource.offset(CLOCK, Duration.ofDays(731)), "expired at");
        assertRefused(good, InstantSource.offset(CLOCK, Duration.ofDays(-1)), "clock");
        Files.setPosixFilePermissions(good.privateKey(), PosixFilePermissions.fromString("rw-r--r--"));
        assertRefused(good, CLOCK, "chmod 600");
    }

    private static void assertRefused(TlsFiles files, InstantSource clock, String words) {
        assertThatThrownBy(() -> NodeIdentity.load(files, clock))
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining(words);
    }
}
