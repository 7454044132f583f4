interface SearchFieldProps {
  readonly value: string
  readonly placeholder: string
  readonly onSearch: (text: string) => void
}

/** Finds within a panel as one types. */
export function SearchField({ value, placeholder, onSearch }: SearchFieldProps) {
  return (
    <label class="search">
      Find
      <input
        type="search"
        placeholder={placeholder}
        value={value}
        onInput={event => onSearch(event.currentTarget.value)}
      />
    </label>
  )
}
