using System.Net;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>An address to listen on. A class: what LINQ does with structs of ours is compiled while the gateway starts.</summary>
/// <param name="EndPoint">Address and port; port 0 takes a free one.</param>
/// <param name="IsTls">With <c>mqtts://</c> or <c>https://</c>.</param>
internal sealed record ListenOn(IPEndPoint EndPoint, bool IsTls);
