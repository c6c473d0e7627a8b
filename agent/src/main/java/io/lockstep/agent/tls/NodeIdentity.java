package io.lockstep.agent.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A node's certificate and key together with the authorities it trusts, checked to fit each other. Immutable; the files
 * are read once, so that a renewed certificate takes a restart.
 *
 * <p>The contexts alone don't restrict the protocol version: every user applies {@link #PROTOCOL} as the only one, and
 * a server requires the client's certificate.
 */
public final class NodeIdentity {
    /** The only protocol spoken between nodes. */
    public static final String PROTOCOL = "TLSv1.3";

    private final String nodeName;
    private final X509Certificate certificate;
    private final KeyManager[] keyManagers;
    private final X509ExtendedTrustManager trust;

    private NodeIdentity(
            String nodeName, X509Certificate certificate, KeyManager[] keyManagers, X509ExtendedTrustManager trust) {
        this.nodeName = nodeName;
        this.certificate = certificate;
        this.keyManagers = keyManagers.clone();
        this.trust = trust;
    }

    /**
     * Reads and checks the files: the key fits the certificate, the certificate is valid now, has a common name and was
     * issued by one of the authorities.
     *
     * @param clock says what "now" is; the handshakes themselves go by the system's clock
     * @throws TlsFileException naming the file and what to do
     */
    public static NodeIdentity load(TlsFiles files, InstantSource clock) throws TlsFileException {
        List<X509Certificate> authorities = PemFile.certificates(files.caCertificate());
        List<X509Certificate> chain = PemFile.certificates(files.certificate());
        PrivateKey key = PemFile.privateKey(files.privateKey());
        X509Certificate certificate = chain.get(0);
        String name = CertificateNames.commonName(certificate)
                .orElseThrow(() -> new TlsFileException(
                        files.certificate(), "has no common name", "issue it with the node's name as common name"));
        checkValidity(files, certificate, clock.instant());
        checkKey(files, certificate, key);
        checkIssuer(files, chain, authorities, clock.instant());
        try {
            return new NodeIdentity(name, certificate, keyManagers(chain, key), trustManager(authorities));
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsFileException(
                    files.certificate(), "this Java runtime can't use it", "issue it with an EC P-256 key", e);
        }
    }

    /** The common name of the certificate: the name that this node has for its peers. */
    public String nodeName() {
        return nodeName;
    }

    /** When the certificate ends; peers refuse the node from then on. */
    public Instant expiresAt() {
        return certificate.getNotAfter().toInstant();
    }

    /** For a server: presents this node's certificate and trusts certificates of the authorities only. */
    public SSLContext serverContext() {
        return context(trust);
    }

    /** For a client: as {@link #serverContext}, and the server has to be the node that is expected at its address. */
    public SSLContext clientContext(ExpectedNames expected) {
        return context(new NamedServerTrust(trust, expected));
    }

    /** What a client sets on each connection: TLS 1.3 alone, and the host's name or address checked as for HTTPS. */
    public static SSLParameters clientParameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {PROTOCOL});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    SSLContext context(X509ExtendedTrustManager trustManager) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(keyManagers, new TrustManager[] {trustManager}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + PROTOCOL + "; use Java 17 or later", e);
        }
    }

    private static void checkValidity(TlsFiles files, X509Certificate certificate, Instant now)
            throws TlsFileException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until)) {
            throw new TlsFileException(
                    files.certificate(), "expired at " + until, "issue a new certificate with lockstep setup");
        }
        if (now.isBefore(from)) {
            throw new TlsFileException(
                    files.certificate(), "is valid from " + from + " only, and it is " + now, "set this host's clock");
        }
    }

    private static void checkKey(TlsFiles files, X509Certificate certificate, PrivateKey key) throws TlsFileException {
        String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256with" + key.getAlgorithm();
        boolean fits;
        try {
            // Signing a value and verifying it shows that the two belong together, for any kind of key.
            byte[] sample = files.privateKey().toString().getBytes(StandardCharsets.UTF_8);
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(sample);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(sample);
            fits = verifying.verify(signing.sign());
        } catch (InvalidKeyException e) {
            fits = false;
        } catch (GeneralSecurityException e) {
            throw new TlsFileException(
                    files.privateKey(), "its kind of key can't be used", "issue it with an EC P-256 key", e);
        }
        if (!fits) {
            throw new TlsFileException(
                    files.privateKey(),
                    "is not the key of the certificate in " + files.certificate(),
                    "name the key that was made with it");
        }
    }

    private static void checkIssuer(
            TlsFiles files, List<X509Certificate> chain, List<X509Certificate> authorities, Instant now)
            throws TlsFileException {
        try {
            PKIXParameters parameters = new PKIXParameters(authorities.stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
        } catch (CertPathValidatorException e) {
            throw new TlsFileException(
                    files.certificate(),
                    "was not issued by the authority in " + files.caCertificate() + " (" + e.getMessage() + ")",
                    "name the authority that issued it, or issue it anew with lockstep setup",
                    e);
        } catch (GeneralSecurityException e) {
            throw new TlsFileException(files.caCertificate(), "can't be used as authority", "issue it again", e);
        }
    }

    private static KeyManager[] keyManagers(List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        // The store lives in memory only, and a PKCS12 entry needs some password; none protects anything here.
        char[] none = new char[0];
        store.setKeyEntry("node", key, none, chain.toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory.getKeyManagers();
    }

    private static X509ExtendedTrustManager trustManager(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("this Java runtime has no extended trust manager");
    }
}
