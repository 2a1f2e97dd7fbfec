namespace TaaS.Runtime.Transport;

/// <summary>Fills a nonce with bytes that nobody can foresee.</summary>
internal delegate void NonceSource(Span<byte> nonce);
