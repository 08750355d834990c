namespace DeviceMqtt.Gateway.Orders;

/// <summary>No gateway runs with a data folder.</summary>
internal sealed class NoGatewayException(string message, Exception inner) : IOException(message, inner);
