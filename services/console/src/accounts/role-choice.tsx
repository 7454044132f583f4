/** The roles of the site, of which a user has any. A role that the site lacks by now is shown as long as he has it. */
export function RoleChoice({
  roles,
  chosen
}: {
  readonly roles: readonly string[]
  readonly chosen: readonly string[]
}) {
  const all = [...roles, ...chosen.filter(role => !roles.includes(role))]
  return (
    <fieldset>
      <legend>Roles</legend>
      {all.map(role => (
        <label class="check" key={role}>
          <input type="checkbox" name="roles" value={role} defaultChecked={chosen.includes(role)} /> {role}
        </label>
      ))}
    </fieldset>
  )
}

/** The roles that are chosen in a form. */
export const rolesIn = (form: HTMLFormElement): string[] =>
  new FormData(form).getAll('roles').filter(role => typeof role === 'string')
