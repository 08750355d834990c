namespace DeviceMqtt.Wire
{
    /// <summary>What a JSON value is.</summary>
    public enum JsonKind
    {
        /// <summary>No value has been read.</summary>
        None = 0,

        /// <summary>A string.</summary>
        String = 1,

        /// <summary>A number.</summary>
        Number = 2,

        /// <summary><c>true</c> or <c>false</c>.</summary>
        Boolean = 3,

        /// <summary><c>null</c>.</summary>
        Null = 4,

        /// <summary>An object, checked but not entered.</summary>
        Object = 5,

        /// <summary>An array, checked but not entered.</summary>
        Array = 6,
    }
}
